"""Programs with ops of their own, in the form in which Theano's documentation has them."""

import textwrap

import pytest

pytestmark = pytest.mark.usefixtures("installed_as_theano")


def run(program: str) -> None:
    """Run a program that imports Theano; it checks itself."""
    head = "import numpy as np\nimport theano\nimport theano.tensor as tt\n"
    exec(compile(head + textwrap.dedent(program), "program", "exec"), {"__name__": "program"})


def test_an_op_with_properties() -> None:
    run("""
        class AXPBOp(theano.Op):
            __props__ = ("a", "b")

            def __init__(self, a, b):
                self.a = a
                self.b = b
                super().__init__()

            def make_node(self, x):
                x = tt.as_tensor_variable(x)
                return theano.Apply(self, [x], [x.type()])

            def perform(self, node, inputs, output_storage):
                x = inputs[0]
                z = output_storage[0]
                z[0] = self.a * x + self.b

            def infer_shape(self, node, i0_shapes):
                return i0_shapes

            def grad(self, inputs, output_grads):
                return [self.a * output_grads[0]]

        mult4plus5op, mult2plus3op = AXPBOp(4, 5), AXPBOp(2, 3)
        assert mult4plus5op == AXPBOp(4, 5) != mult2plus3op
        x = tt.matrix()
        f = theano.function([x], mult4plus5op(x))
        g = theano.function([x], mult2plus3op(x))
        value = np.random.default_rng(0).random((5, 4)).astype(theano.config.floatX)
        assert np.allclose(4 * value + 5, f(value))
        assert np.allclose(2 * value + 3, g(value))
        theano.gradient.verify_grad(mult4plus5op, [value], rng=np.random.RandomState(1))
    """)


def test_a_function_as_an_op_between_compiled_ones() -> None:
    run("""
        from theano.compile.ops import as_op

        def infer_shape_numpy_dot(node, input_shapes):
            ashp, bshp = input_shapes
            return [ashp[:-1] + bshp[-1:]]

        @as_op(itypes=[tt.dmatrix, tt.dmatrix], otypes=[tt.dmatrix],
               infer_shape=infer_shape_numpy_dot)
        def numpy_dot(a, b):
            return np.dot(a, b)

        a, b = tt.dmatrices("a", "b")
        f = theano.function([a, b], [tt.tanh(numpy_dot(a, b)), numpy_dot(a, b).shape])
        x, y = np.random.default_rng(0).random((2, 3)), np.random.default_rng(1).random((3, 4))
        found, shape = f(x, y)
        assert np.allclose(found, np.tanh(x @ y))
        assert shape.tolist() == [2, 4]
    """)


def test_an_op_from_a_graph_with_a_gradient_of_its_own() -> None:
    run("""
        x, y, z = tt.scalars("x", "y", "z")

        def rescale_dy(inps, grads):
            x, y, z = inps
            g, = grads
            return z * 2

        op = theano.OpFromGraph([x, y, z], [x + y * z],
                                grad_overrides=["default", rescale_dy, "default"])
        fx = op(x, y, z)
        fn = theano.function([x, y, z], [fx] + theano.grad(fx, [x, y, z]))
        assert [float(one) for one in fn(2., 3., 4.)] == [14., 1., 8., 3.]
    """)


def test_a_graph_rewritten_by_a_rule() -> None:
    run("""
        from theano import gof

        @gof.local_optimizer([tt.mul])
        def local_simplify(node):
            first, second = node.inputs
            if first.owner and first.owner.op == tt.true_div:
                a, b = first.owner.inputs
                if b is second:
                    return [a]

        x, y = tt.dscalars("x", "y")
        graph = gof.FunctionGraph([x, y], [(x / y) * y])
        graph.attach_feature(gof.toolbox.ReplaceValidate())
        gof.TopoOptimizer(local_simplify).optimize(graph)
        assert graph.toposort() == []
        f = theano.function(graph.inputs, graph.outputs[0], on_unused_input="ignore")
        assert f(3.0, 0.0) == 3.0
    """)


def test_a_value_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    run("""
        x = tt.dvector("x")
        hello_world_op = theano.printing.Print("hello world")
        printed_x = hello_world_op(x)
        f_with_print = theano.function([x], printed_x * 5)
        assert f_with_print([1, 2, 3]).tolist() == [5.0, 10.0, 15.0]
    """)
    assert capsys.readouterr().out == "hello world __str__ = [1. 2. 3.]\n"

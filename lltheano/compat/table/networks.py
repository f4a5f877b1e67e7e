"""Where Theano's names of neural networks and of convolutions are."""

from lltheano.compat.table.rows import Row, gone, serve

__all__ = ["CONVOLUTIONS", "NETWORKS"]

_CODE = "convolutions are compiled through LLVM, not generated as C"

NETWORKS: tuple[Row, ...] = (
    serve("theano.tensor.nnet", "lltheano.tensor.nnet"),
    serve("theano.tensor.nnet.nnet", "lltheano.tensor.nnet"),
    serve("theano.tensor.nnet.sigm", "lltheano.tensor.nnet"),
    serve("theano.sandbox.softsign", "lltheano.tensor.nnet", "softsign"),
)

CONVOLUTIONS: tuple[Row, ...] = (
    serve("theano.tensor.nnet", "lltheano.tensor.nnet", "abstract_conv2d=conv2d"),
    serve("theano.tensor.nnet.abstract_conv", "lltheano.tensor.convolution.functions"),
    serve("theano.tensor.nnet.abstract_conv", "lltheano.tensor.convolution.abstract"),
    serve("theano.tensor.nnet.abstract_conv", "lltheano.tensor.convolution.shapes"),
    serve("theano.tensor.nnet.abstract_conv", "lltheano.tensor.convolution.upsampling"),
    serve("theano.tensor.nnet.conv", "lltheano.tensor.convolution.shapes"),
    serve("theano.tensor.nnet.conv", "lltheano.tensor.convolution.older"),
    serve("theano.tensor.nnet.conv", "lltheano.errors", "NotScalarConstantError"),
    serve(
        "theano.tensor.nnet.conv",
        "lltheano.tensor",
        "get_scalar_constant_value patternbroadcast",
    ),
    gone("theano.tensor.nnet.conv", "gen_conv_code_unroll_batch_kern", _CODE),
    serve("theano.tensor.nnet.conv3d2d", "lltheano.tensor.convolution.older", "conv3d=conv3d2d"),
    serve("theano.tensor.nnet.neighbours", "lltheano.tensor.convolution.neighbours"),
    serve(
        "theano.tensor.nnet.neighbours", "lltheano.gradient", "grad_not_implemented grad_undefined"
    ),
    gone("theano.tensor.nnet.neighbours", "EnumList", _CODE),
    serve("theano.sandbox.neighbours", "lltheano.tensor.convolution.neighbours"),
    serve("theano.tensor.signal.pool", "lltheano.tensor.signal.pool"),
    serve("theano.tensor.signal.pool", "lltheano.gradient", "DisconnectedType"),
    gone(
        "theano.tensor.signal.pool",
        "AveragePoolGrad DownsampleFactorMaxGradGrad MaxPoolGrad MaxPoolRop PoolGrad",
        "pooling is made of windows and a reduction, and so is its gradient; ask T.grad for it",
    ),
    gone("theano.tensor.signal.pool", "ParamsType PoolingMode_t bool_t", _CODE),
    serve("theano.tensor.signal.downsample", "lltheano.tensor.signal.downsample"),
    serve("theano.tensor.signal.conv", "lltheano.tensor.signal.conv"),
)

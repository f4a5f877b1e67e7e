"""Loops, networks and random numbers beside peers: `python -m tests.benchmarks.programs`.

Each case says what its peer is; where that is not installed the row has a dash. Peers run on as
many cores as they choose, unless the environment says otherwise.
"""

import platform
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse

import lltheano.tensor as T
from lltheano import function, scan, shared, sparse
from lltheano.random import RandomStreams
from lltheano.tensor.signal.pool import pool_2d
from lltheano_ir.native.target import host_target
from tests.benchmarks.measure import compare

RESULTS = Path(__file__).parents[2] / "docs" / "benchmarks" / "programs.md"
Call = Callable[[], Any]
STEPS = 10_000


def lorenz(keep: bool) -> Call:
    """10,000 Euler steps of the Lorenz system, with the trajectory or only its end."""

    def step(x: Any, y: Any, z: Any) -> list[Any]:
        return [
            x + 0.01 * 10 * (y - x),
            y + 0.01 * (x * (28 - z) - y),
            z + 0.01 * (x * y - 8 / 3 * z),
        ]

    n = T.lscalar("n")
    out, _ = scan(step, outputs_info=[1.0, 1.0, 1.0], n_steps=n)
    run = function([n], out if keep else [one[-1] for one in out])
    return partial(run, STEPS)


def lorenz_in_numba(keep: bool) -> Call:
    njit = import_module("numba").njit

    @njit  # type: ignore[untyped-decorator]
    def end(n: int) -> tuple[float, float, float]:
        x = y = z = 1.0
        for _ in range(n):
            x, y, z = (
                x + 0.01 * 10 * (y - x),
                y + 0.01 * (x * (28 - z) - y),
                z + 0.01 * (x * y - 8 / 3 * z),
            )
        return x, y, z

    @njit  # type: ignore[untyped-decorator]
    def trajectory(n: int) -> Any:
        out = np.empty((3, n))
        x = y = z = 1.0
        for k in range(n):
            x, y, z = (
                x + 0.01 * 10 * (y - x),
                y + 0.01 * (x * (28 - z) - y),
                z + 0.01 * (x * y - 8 / 3 * z),
            )
            out[0, k], out[1, k], out[2, k] = x, y, z
        return out

    return partial(trajectory if keep else end, STEPS)


def drawn(name: str, size: int, dtype: str) -> Call:
    """A vector of random numbers."""
    run: Call = function([], getattr(RandomStreams(1), name)((size,), dtype=dtype))
    return run


def drawn_by_numpy(name: str, size: int, dtype: str) -> Call:
    generator = np.random.default_rng(1)
    draw = generator.random if name == "uniform" else generator.standard_normal
    return partial(draw, size, dtype=dtype)


def sparse_data(form: str, columns: int) -> tuple[Any, Any]:
    """A matrix of 2,000 by 2,000 with 100,000 entries, and what it is multiplied by."""
    rng = np.random.default_rng(4)
    a = scipy.sparse.random(2000, 2000, 0.025, form, dtype="float64", rng=rng)
    return a, rng.normal(size=(2000, columns) if columns else 2000)


def sparse_product(form: str, columns: int) -> Call:
    """The product of a shared sparse matrix with a dense one, or a vector if there are none."""
    a, b = sparse_data(form, columns)
    x = T.dmatrix("x") if columns else T.dvector("x")
    return partial(function([x], sparse.dot(shared(a), x)), b)


def sparse_product_by_scipy(form: str, columns: int) -> Call:
    a, b = sparse_data(form, columns)
    return lambda: a @ b


def counts(name: str, size: int, *parameters: float) -> Call:
    """A vector of random counts."""
    run: Call = function([], getattr(RandomStreams(1), name)((size,), *parameters))
    return run


def counts_by_numpy(name: str, size: int, *parameters: float) -> Call:
    return partial(getattr(np.random.default_rng(1), name), *parameters, size)


def lstm_data() -> tuple[Any, ...]:
    """Sequences of 50 steps, 32 at a time, of 128 features; a target; weights of 128 units."""
    rng = np.random.default_rng(2)
    x = rng.normal(size=(50, 32, 128)).astype("float32")
    y = rng.normal(size=(32, 128)).astype("float32")
    weights = [(rng.normal(size=(128, 512)) / 16).astype("float32") for _ in range(2)]
    return x, y, weights, np.zeros(512, "float32")


def lstm() -> Call:
    """A step of learning of an LSTM."""
    x_data, y_data, (w, u), bias = lstm_data()
    W, U, b = (shared(one) for one in (w, u, bias))
    x, y = T.ftensor3("x"), T.fmatrix("y")

    def step(row: Any, h: Any, c: Any) -> list[Any]:
        z = T.dot(row, W) + T.dot(h, U) + b
        i, f, o = (T.nnet.sigmoid(z[:, k * 128 : (k + 1) * 128]) for k in range(3))
        c = f * c + i * T.tanh(z[:, 384:])
        return [o * T.tanh(c), c]

    start = T.zeros((x.shape[1], 128), dtype="float32")
    (states, _), _ = scan(step, x, [start, start])
    cost = T.sqr(states[-1] - y).mean()
    rate = np.float32(0.01)
    updates = [(p, p - rate * g) for p, g in zip((W, U, b), T.grad(cost, [W, U, b]), strict=True)]
    return partial(function([x, y], cost, updates=updates), x_data, y_data)


def lstm_in_jax() -> Call:
    jax = import_module("jax")
    jnp = jax.numpy
    x, y, (w, u), bias = lstm_data()
    state = {"p": tuple(map(jnp.asarray, (w, u, bias)))}

    def cost(p: Any, x: Any, y: Any) -> Any:
        W, U, b = p

        def step(carry: Any, row: Any) -> Any:
            h, c = carry
            z = row @ W + h @ U + b
            i, f, o = (jax.nn.sigmoid(z[:, k * 128 : (k + 1) * 128]) for k in range(3))
            c = f * c + i * jnp.tanh(z[:, 384:])
            return (o * jnp.tanh(c), c), None

        start = jnp.zeros((32, 128), "float32")
        (h, _), _ = jax.lax.scan(step, (start, start), x)
        return ((h - y) ** 2).mean()

    def learn(p: Any, x: Any, y: Any) -> Any:
        value, slopes = jax.value_and_grad(cost)(p, x, y)
        return value, tuple(one - 0.01 * g for one, g in zip(p, slopes, strict=True))

    compiled = jax.jit(learn)
    data = jnp.asarray(x), jnp.asarray(y)

    def call() -> Any:
        value, state["p"] = compiled(state["p"], *data)
        return value.block_until_ready()

    return call


def lenet_data() -> tuple[Any, ...]:
    """Images, labels, and the weights of two convolutions and two layers."""
    rng = np.random.default_rng(3)
    shapes = [(20, 1, 5, 5), (50, 20, 5, 5), (800, 500), (500, 10)]
    weights = [(rng.normal(size=s) / np.sqrt(np.prod(s[1:]))).astype("float32") for s in shapes]
    images = rng.normal(size=(64, 1, 28, 28)).astype("float32")
    return (
        images,
        rng.integers(0, 10, 64),
        weights,
        [np.zeros(s[0 if len(s) == 4 else 1], "float32") for s in shapes],
    )


def lenet() -> Call:
    """A step of learning of a convolutional network: 64 images of 28 by 28."""
    images, labels, weights, biases = lenet_data()
    W, b = [shared(one) for one in weights], [shared(one) for one in biases]
    x, y = T.ftensor4("x"), T.lvector("y")
    h: Any = x
    for k in range(2):
        maps = pool_2d(T.nnet.conv2d(h, W[k]), (2, 2), True)
        h = T.tanh(maps + b[k].dimshuffle("x", 0, "x", "x"))
    h = T.tanh(T.dot(h.flatten(2), W[2]) + b[2])
    p = T.nnet.softmax(T.dot(h, W[3]) + b[3])
    cost = T.nnet.categorical_crossentropy(p, y).mean()
    rate = np.float32(0.1)
    both = [*W, *b]
    updates = [(p, p - rate * g) for p, g in zip(both, T.grad(cost, both), strict=True)]
    return partial(function([x, y], cost, updates=updates), images, labels)


def lenet_in_torch() -> Call:
    torch = import_module("torch")
    images, labels, weights, biases = lenet_data()
    x, y = torch.from_numpy(images), torch.from_numpy(labels)
    W = [torch.from_numpy(one.copy()).requires_grad_() for one in weights]
    b = [torch.from_numpy(one.copy()).requires_grad_() for one in biases]
    f = torch.nn.functional

    def call() -> Any:
        h = x
        for k in range(2):
            maps = f.max_pool2d(f.conv2d(h, W[k]), 2)
            h = torch.tanh(maps + b[k][:, None, None])
        h = torch.tanh(h.flatten(1) @ W[2] + b[2])
        cost = f.cross_entropy(h @ W[3] + b[3], y)
        slopes = torch.autograd.grad(cost, [*W, *b])
        with torch.no_grad():
            for one, slope in zip([*W, *b], slopes, strict=True):
                one -= 0.1 * slope
        return cost.item()

    return call


def cases() -> Iterator[tuple[str, Call, str, Callable[[], Call]]]:
    """The name, our call, the peer, and what makes its call."""
    yield "Lorenz, 10,000 steps, end", lorenz(False), "numba", partial(lorenz_in_numba, False)
    yield "Lorenz, 10,000 steps, trajectory", lorenz(True), "numba", partial(lorenz_in_numba, True)
    for name in ("uniform", "normal"):
        for dtype in ("float32", "float64"):
            peer = partial(drawn_by_numpy, name, 1_000_000, dtype)
            yield f"{name}, n=1e+06 {dtype}", drawn(name, 1_000_000, dtype), "numpy", peer
    for form in ("csr", "csc"):
        for columns in (0, 4, 16, 100):
            what = f"matrix of {columns} columns" if columns else "vector"
            peer = partial(sparse_product_by_scipy, form, columns)
            yield (
                f"{form} 2000x2000, 1e+05 entries, times a {what}",
                sparse_product(form, columns),
                "scipy",
                peer,
            )
    for law, parameters in (
        *(("poisson", (mean,)) for mean in (1.0, 9.9, 100.0, 1e6)),
        *(("binomial", both) for both in ((9, 0.3), (1000, 0.3), (10**6, 0.4))),
    ):
        numpys = partial(counts_by_numpy, law, 100_000, *parameters)
        named = f"{law}({', '.join(f'{one:g}' for one in parameters)}), n=1e+05"
        yield named, counts(law, 100_000, *parameters), "numpy", numpys
    yield "LSTM step, T=50, 32x128 float32", lstm(), "jax", lstm_in_jax
    yield "LeNet step, 64x28x28 float32", lenet(), "torch", lenet_in_torch


def main() -> None:
    """Time every case, print the table, and keep it."""
    lines = [
        "# Programs",
        "",
        f"Made by `python -m tests.benchmarks.programs` on {date.today()} ({platform.machine()},",
        f"{host_target().cpu}). Microseconds a call, the median of 15 interleaved repeats;",
        "the ratio is the peer's time over ours, with quartiles. A dash: the peer is not there.",
        "",
        "| case | LLTheano | peer | its time | ratio | quartiles |",
        "|---|---:|---|---:|---:|---|",
    ]
    for name, ours, peer, make in cases():
        if find_spec(peer) is None:
            lines.append(f"| {name} | | {peer} | - | - | - |")
            continue
        found = compare(ours, make())
        lines.append(
            f"| {name} | {found.ours:.1f} | {peer} | {found.peer:.1f} | {found.ratio:.2f} |"
            f" {found.low:.2f}-{found.high:.2f} |"
        )
        print(lines[-1])
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

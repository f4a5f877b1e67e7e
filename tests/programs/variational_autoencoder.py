"""A variational autoencoder (Kingma and Welling 2014): digits from two numbers each."""

from dataclasses import dataclass

import numpy as np

import lltheano as theano
import lltheano.tensor as T
from lltheano.random import RandomStreams
from tests.programs.digits import Array, load_digits

HIDDEN, LATENT, BATCH = 48, 2, 50
RATE = 0.05
EPOCHS = 25


@dataclass
class Learned:
    """Parameters; the bound (in nats of an image, negated) and the noise of each step; the bound
    in test images, before and after; and a picture drawn from the middle of the latent plane.
    """

    parameters: list[Array]
    costs: list[float]
    noises: list[Array]
    before: float
    after: float
    picture: Array


def first_parameters() -> list[Array]:
    """Encoder (hidden, mean, logarithm of variance), then decoder (hidden, pixels)."""
    rng = np.random.default_rng(8)
    sizes = [(64, HIDDEN), (HIDDEN, LATENT), (HIDDEN, LATENT), (LATENT, HIDDEN), (HIDDEN, 64)]
    parameters = []
    for rows, columns in sizes:
        parameters += [rng.normal(0, 1 / np.sqrt(rows), (rows, columns)), np.zeros(columns)]
    return parameters


def run(epochs: int = EPOCHS) -> Learned:
    """Learn by steps of RMSprop."""
    learn, _, test, _ = load_digits()
    data = theano.shared(learn, name="data")
    parameters = [theano.shared(value, name=f"p{k}") for k, value in enumerate(first_parameters())]
    W, b, M, m, S, s, V, c, U, d = parameters
    x = T.dmatrix("x")
    random = RandomStreams(seed=37)

    hidden = T.tanh(T.dot(x, W) + b)
    mean, log_variance = T.dot(hidden, M) + m, T.dot(hidden, S) + s
    noise = random.normal(mean.shape)
    z = mean + T.exp(log_variance / 2) * noise
    logits = T.dot(T.tanh(T.dot(z, V) + c), U) + d
    restored = T.nnet.sigmoid(logits)
    likelihood = T.nnet.binary_crossentropy(restored, x).sum(axis=1)
    divergence = (T.exp(log_variance) + mean**2 - 1 - log_variance).sum(axis=1) / 2
    cost = (likelihood + divergence).mean()
    updates = []
    for p, slope in zip(parameters, T.grad(cost, parameters), strict=True):
        square = theano.shared(p.get_value() * 0, name=f"square of {p.name}")
        scale = 0.9 * square + 0.1 * slope**2
        updates += [(square, scale), (p, p - RATE / 10 * slope / T.sqrt(scale + 1e-6))]
    first = T.lscalar("first")
    train = theano.function(
        [first], [cost, noise], updates=updates, givens={x: data[first : first + BATCH]}
    )
    bound = theano.function([x], cost, name="bound")
    draw = theano.function([z], restored, name="draw")

    before, costs, noises = float(bound(test)), [], []
    for _ in range(epochs):
        for start in range(0, len(learn), BATCH):
            paid, drawn = train(start)
            costs.append(float(paid))
            noises.append(drawn)
    picture = draw(np.zeros((1, LATENT))).reshape(8, 8)
    values = [p.get_value() for p in parameters]
    return Learned(values, costs, noises, before, float(bound(test)), picture)


if __name__ == "__main__":
    learned = run()
    print(f"nats of a test image, at most: {learned.before:.1f} -> {learned.after:.1f}")
    for row in learned.picture:
        print("".join(" .:*#"[int(pixel * 4.99)] for pixel in row))

"""What neural networks are built of: activations, losses, normalisation, convolutions."""

from lltheano.tensor.convolution.functions import (
    conv2d,
    conv2d_grad_wrt_inputs,
    conv2d_grad_wrt_weights,
    conv2d_transpose,
    conv3d,
    conv3d_grad_wrt_inputs,
    conv3d_grad_wrt_weights,
    separable_conv2d,
    separable_conv3d,
)
from lltheano.tensor.convolution.neighbours import images2neibs, neibs2images
from lltheano.tensor.convolution.upsampling import bilinear_upsampling, frac_bilinear_upsampling
from lltheano.tensor.elementwise.transcendental import sigmoid, softplus
from lltheano.tensor.nnet.activations import (
    elu,
    hard_sigmoid,
    relu,
    selu,
    softsign,
    ultra_fast_sigmoid,
)
from lltheano.tensor.nnet.crossentropies import (
    binary_crossentropy,
    categorical_crossentropy,
    sigmoid_binary_crossentropy,
)
from lltheano.tensor.nnet.softmax import Softmax, logsoftmax, softmax, softmax_with_bias

__all__ = [
    "Softmax",
    "bilinear_upsampling",
    "binary_crossentropy",
    "categorical_crossentropy",
    "conv2d",
    "conv2d_grad_wrt_inputs",
    "conv2d_grad_wrt_weights",
    "conv2d_transpose",
    "conv3d",
    "conv3d_grad_wrt_inputs",
    "conv3d_grad_wrt_weights",
    "elu",
    "frac_bilinear_upsampling",
    "hard_sigmoid",
    "images2neibs",
    "logsoftmax",
    "neibs2images",
    "relu",
    "selu",
    "separable_conv2d",
    "separable_conv3d",
    "sigmoid",
    "sigmoid_binary_crossentropy",
    "softmax",
    "softmax_with_bias",
    "softplus",
    "softsign",
    "ultra_fast_sigmoid",
]

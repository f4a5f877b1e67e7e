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
from lltheano.tensor.nnet.blocksparse import sparse_block_dot
from lltheano.tensor.nnet.crossentropies import (
    binary_crossentropy,
    categorical_crossentropy,
    sigmoid_binary_crossentropy,
)
from lltheano.tensor.nnet.hierarchical import h_softmax
from lltheano.tensor.nnet.normalisation import (
    batch_normalization,
    batch_normalization_test,
    batch_normalization_train,
)
from lltheano.tensor.nnet.one_hot import (
    confusion_matrix,
    crossentropy_categorical_1hot,
    crossentropy_softmax_1hot,
    crossentropy_softmax_1hot_with_bias,
    crossentropy_softmax_argmax_1hot_with_bias,
    crossentropy_softmax_max_and_argmax_1hot,
    crossentropy_softmax_max_and_argmax_1hot_with_bias,
    prepend_0_to_each_row,
    prepend_1_to_each_row,
    prepend_scalar_to_each_row,
)
from lltheano.tensor.nnet.softmax import Softmax, logsoftmax, softmax, softmax_with_bias

__all__ = [
    "Softmax",
    "batch_normalization",
    "batch_normalization_test",
    "batch_normalization_train",
    "bilinear_upsampling",
    "binary_crossentropy",
    "categorical_crossentropy",
    "confusion_matrix",
    "conv2d",
    "conv2d_grad_wrt_inputs",
    "conv2d_grad_wrt_weights",
    "conv2d_transpose",
    "conv3d",
    "conv3d_grad_wrt_inputs",
    "conv3d_grad_wrt_weights",
    "crossentropy_categorical_1hot",
    "crossentropy_softmax_1hot",
    "crossentropy_softmax_1hot_with_bias",
    "crossentropy_softmax_argmax_1hot_with_bias",
    "crossentropy_softmax_max_and_argmax_1hot",
    "crossentropy_softmax_max_and_argmax_1hot_with_bias",
    "elu",
    "frac_bilinear_upsampling",
    "h_softmax",
    "hard_sigmoid",
    "images2neibs",
    "logsoftmax",
    "neibs2images",
    "prepend_0_to_each_row",
    "prepend_1_to_each_row",
    "prepend_scalar_to_each_row",
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
    "sparse_block_dot",
    "ultra_fast_sigmoid",
]

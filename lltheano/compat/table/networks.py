"""Where Theano's names of neural networks and of convolutions are."""

from lltheano.compat.table.rows import Row, gone, serve

__all__ = ["CONVOLUTIONS", "NETWORKS"]

_CODE = "convolutions are compiled through LLVM, not generated as C"

_INNER = (
    "CrossentropyCategorical1Hot CrossentropyCategorical1HotGrad CrossentropySoftmax1HotWithBiasDx"
    " CrossentropySoftmaxArgmax1HotWithBias LogSoftmax Prepend_scalar_constant_to_each_row"
    " Prepend_scalar_to_each_row SoftmaxGrad SoftmaxWithBias crossentropy_categorical_1hot_grad"
    " crossentropy_softmax_1hot_with_bias_dx logsoftmax_op softmax_grad softmax_graph softmax_op"
)
_COMPOSED = (
    "it is written in the language itself, without an op or a gradient of its own; call the"
    " function, and T.grad"
)
_REWRITES = (
    "crossentropy_to_crossentropy_with_softmax crossentropy_to_crossentropy_with_softmax_with_bias"
    " graph_merge_softmax_with_crossentropy_softmax softmax_simplifier"
)
_STABLE = "the compiler's own rules make such losses stable; there is nothing to register"

NETWORKS: tuple[Row, ...] = (
    serve("theano.tensor.nnet", "lltheano.tensor.nnet"),
    serve("theano.tensor.nnet.nnet", "lltheano.tensor.nnet"),
    serve("theano.tensor.nnet.sigm", "lltheano.tensor.nnet"),
    serve("theano.tensor.nnet", "lltheano.tensor.convolution.abstract", "ConvOp=AbstractConv2d"),
    serve("theano.tensor.nnet", "lltheano.scalar", "scalar_sigmoid"),
    serve("theano.tensor.nnet", "lltheano.tensor.inplace", "sigmoid_inplace"),
    gone("theano.tensor.nnet", _INNER, _COMPOSED),
    gone("theano.tensor.nnet", _REWRITES, _STABLE),
    serve("theano.tensor.nnet.bn", "lltheano.tensor.nnet.normalisation"),
    serve("theano.tensor.nnet.bn", "lltheano.tensor", "TensorType add as_tensor_variable mul"),
    gone(
        "theano.tensor.nnet.bn",
        "AbstractBatchNormInference AbstractBatchNormTrain AbstractBatchNormTrainGrad BNComposite"
        " bn_groupopt register_specialize_device",
        _COMPOSED,
    ),
    serve("theano.tensor.nnet.blocksparse", "lltheano.tensor.nnet.blocksparse"),
    serve("theano.sandbox.blocksparse", "lltheano.tensor.nnet.blocksparse"),
    serve("theano.tensor.nnet.ctc", "lltheano.ctc"),
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

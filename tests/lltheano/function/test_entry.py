"""The C declaration of an entry."""

from lltheano.function.entry import Entry, declare_frame
from lltheano_ir.types import parse_type


def test_every_rank_and_dtype_has_its_fields_in_the_order_of_the_frame() -> None:
    parameters = [("inc", parse_type("i32[]")), ("W", parse_type("f32[?,1]"))]
    results = [("out", parse_type("u8[?]")), ("W", parse_type("f32[?,1]"))]
    signature, frame = declare_frame("step", parameters, results)
    assert signature == "int32_t step(struct step_frame *frame);"
    assert frame.splitlines() == [
        "struct step_frame {",
        "    int32_t *inc;",
        "    float *W;",
        "    int64_t W_size[2];",
        "    int64_t W_stride[2];",
        "    uint8_t *out;",
        "    int64_t out_size[1];",
        "    float *W_2;",
        "    int64_t W_2_size[2];",
        "    int64_t report[8];",
        "};",
    ]


def test_any_name_becomes_a_c_identifier() -> None:
    signature, frame = declare_frame("train.py:12", [("2·x", parse_type("c64[]"))], [])
    assert signature == "int32_t train_py_12(struct train_py_12_frame *frame);"
    assert "float _Complex *_2_x;" in frame


def test_an_entry_prints_as_its_declarations() -> None:
    text = str(Entry(4096, "int32_t f(struct f_frame *frame);", "struct f_frame {\n};", ""))
    assert text == "struct f_frame {\n};\nint32_t f(struct f_frame *frame);  /* at 0x1000 */"

r"""The canonical text of the tensor IR: `parse_program(format_program(p)) == p`.

The whole grammar (`x*` none or more, `x,*` separated by commas)::

    program   = "program" @name "(" parameter,* ")" "{" statement* result* "}"
    parameter = %name ":" type ["shared"]
    statement = (%number | %name) ":" types "=" op [argument,*] region*
    types     = type | "(" type,* ")"                 an op with several results lists their types
    type      = dtype "[" ("?" | "1"),* "]"           f64[?,1]
    argument  = operand | literal | attribute         operands first, then attributes in order
    operand   = %name | %number | %number#number      #n: the n-th result of several
    attribute = word "=" setting                      axis=0  axes=[0, 2]  order=[1, new]
    setting   = integer | [integer,*] | word | dtype | "text" | pattern [?, 1] | (type,*)
    region    = word "(" parameter,* ")" "{" statement* "yield" operand,* "}"
    result    = "output" "name" "=" operand | "update" %name "=" operand | "effect" operand
    literal   = element | "[" literal,* "]" | "hex" "[" size,* "]" "digits"
    element   = 12 | -1.5e-3 | inf | -inf | nan | true | false | (real, imaginary)

A constant's elements are written out (each float with the fewest digits that give it back) or, when
there are many or a NaN carries a payload, as the bytes of a little-endian array in hexadecimal. A
name that is no identifier is quoted: `%"a b"`. Values may have names in text that is read; printed
they are numbered, anew in each region, whose arguments are `%a0`, `%a1`, ... A semicolon starts a
comment; the printer notes the place in the user's source that way.

>>> program = parse_program('''program @twice(%x: f32[?]) {
...   %0: f32[?] = add %x, %x   ; train.py:12 (y)
...   output "y" = %0
... }''')
>>> print(format_program(program), end="")
program @twice(%x: f32[?]) {
  %0: f32[?] = add %x, %x
  output "y" = %0
}
"""

from lltheano_ir.text.lexer import ParseError
from lltheano_ir.text.parser import parse_program
from lltheano_ir.text.printer import Line, format_program, listing

__all__ = ["Line", "ParseError", "format_program", "listing", "parse_program"]

"""Expressions between their text and LibCST, with nothing of the text lost.

Prints what stands in a file as it stands, or says that it cannot.
"""

from __future__ import annotations

import ast
import io
import tokenize

import libcst as cst

from deventlet.codemod import Site
from deventlet.driver.text.statements import CannotPrint
from deventlet.resolve.project import Module


def expression(module: Module, site: Site) -> cst.BaseExpression:
    """The LibCST expression at a site; inner parentheses and comments included.

    :raises CannotPrint: if printing it does not give the source back.
    """
    text = module.source.slice(site.start, site.end).replace("\r\n", "\n")
    try:
        node = cst.parse_expression(f"({text}\n)")
        bare = node.with_changes(lpar=node.lpar[1:], rpar=node.rpar[:-1])
        printed = print_expression(bare)
    except cst.ParserSyntaxError as error:
        raise CannotPrint(str(error)) from error
    except RecursionError as error:
        raise CannotPrint("it is nested more deeply than LibCST can print") from error
    if printed != text:
        raise CannotPrint("the expression does not print as it stands")
    return bare


def print_expression(node: cst.BaseExpression) -> str:
    """The source of an expression, with LF line ends."""
    return cst.Module([]).code_for_node(node)


def syntax_of(text: str) -> ast.expr:
    """The syntax of an expression, whose lines something around it lets be broken."""
    return ast.parse(f"({text}\n)", mode="eval").body


def as_operand(node: cst.BaseExpression) -> str:
    """The source of an expression, in parentheses unless it binds tightest.

    LibCST adds none by itself: ``a * b`` with ``b`` replaced by ``c + d`` would
    print as ``a * c + d``.
    """
    tight = (cst.Name, cst.Attribute, cst.Call, cst.Subscript, cst.Integer, cst.Float,
             cst.SimpleString, cst.List, cst.Dict, cst.Set, cst.ListComp)  # fmt: skip
    text = print_expression(node)
    return text if isinstance(node, tight) or node.lpar else f"({text})"


def comments(text: str) -> list[str]:
    """The comments of a text that is all of an expression or of statements."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return sorted(t.string for t in tokens if t.type == tokenize.COMMENT)

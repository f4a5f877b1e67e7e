"""Rewriting of programs by rules: the driver, the rules' form, and the algebra of sizes."""

from lltheano_ir.rewrite.driver import RewriteBudgetError, rewrite
from lltheano_ir.rewrite.rules import Context, Rule, RuleSet, rule

__all__ = ["Context", "RewriteBudgetError", "Rule", "RuleSet", "rewrite", "rule"]

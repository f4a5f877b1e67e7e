"""Rewriting of programs by rules: the driver, the rules' form, and the algebra of sizes."""

from lltheano_ir.rewrite.driver import RewriteBudgetError, rewrite
from lltheano_ir.rewrite.rules import Rule, RuleContext, RuleSet, rule

__all__ = ["RewriteBudgetError", "Rule", "RuleContext", "RuleSet", "rewrite", "rule"]

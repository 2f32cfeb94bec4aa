"""Candidates: lexical and dense search over one knowledge base."""

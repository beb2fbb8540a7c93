"""Splitting the cost of what a cluster runs on to who used it. Rules: docs/spec/clusters.md."""

"""AI use: logs of models, joined to the bills that they cause. Rules: docs/spec/clusters.md."""

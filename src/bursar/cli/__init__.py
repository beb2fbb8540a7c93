"""The command line: parse, act or query or report, print. No business rule."""

"""The desk: a queue, the item in context, and the bar that decides it, all from declarations."""

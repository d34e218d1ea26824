"""How everything looks: tokens, palette, one style sheet, icons."""

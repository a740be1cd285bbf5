"""VAT returns: which tax lines were declared in which month, for ever."""

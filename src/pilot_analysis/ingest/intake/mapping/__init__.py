"""Other systems' files to the contract's tables, by YAML mappings (see docs/exports.md)."""

"""Public WhatsApp Cloud API libraries at their daily work, unchanged but for the base address."""

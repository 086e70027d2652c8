"""What the app knows, without a widget: the session, the engine link, settings, and how values are shown."""

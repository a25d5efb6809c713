"""Play five: five prompts, five pens, and all nets of both trainings to fool. Gives out `rounds_panel`."""

"""What a person sees and does: the page, its pad and its panels. The only folder that knows Gradio."""

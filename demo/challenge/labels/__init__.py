"""What other people say a drawing shows: annotations, consensus, gold items and review."""

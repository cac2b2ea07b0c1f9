def handle(event, context):
    """Answers every request. What `event` and `context` have, and what may be returned: README.md."""
    asked = event.body if isinstance(event.body, dict) else event.query
    print(f"call {context.call_id}: {event.method} {event.path}")
    return {"message": f"Hello, {asked.get('name', 'World')}!"}

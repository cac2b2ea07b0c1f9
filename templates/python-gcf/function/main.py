def hello(request):
    asked = request.get_json(silent=True) or request.args
    return {"message": f"Hello, {asked.get('name', 'World')}!"}

def main(params):
    return {"message": f"Hello, {params.get('name', 'World')}!"}

import json


def lambda_handler(event, context):
    asked = json.loads(event["body"]) if "body" in event else event.get("queryStringParameters", {})
    return {"message": f"Hello, {asked.get('name', 'World')}!"}

import unittest

from lambda_function import lambda_handler


class HandlerTest(unittest.TestCase):
    def test_greets_whom_the_body_names(self):
        self.assertEqual(lambda_handler({"body": '{"name":"Maja"}'}, None), {"message": "Hello, Maja!"})

    def test_greets_the_world_when_nobody_is_named(self):
        self.assertEqual(lambda_handler({}, None), {"message": "Hello, World!"})

import unittest
from types import SimpleNamespace

from handler import handle


def call(**given):
    event = {"method": "POST", "path": "/", "query": {}, "headers": {}, "body": "", **given}
    return handle(SimpleNamespace(**event), SimpleNamespace(call_id="1"))


class HandlerTest(unittest.TestCase):
    def test_greets_whom_the_body_names(self):
        self.assertEqual(call(body={"name": "Maja"}), {"message": "Hello, Maja!"})

    def test_greets_the_world_when_nobody_is_named(self):
        self.assertEqual(call(), {"message": "Hello, World!"})

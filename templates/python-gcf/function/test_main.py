import unittest
from types import SimpleNamespace

from main import hello


def call(json=None, args=None):
    return hello(SimpleNamespace(get_json=lambda silent: json, args=args or {}))


class FunctionTest(unittest.TestCase):
    def test_greets_whom_the_body_names(self):
        self.assertEqual(call(json={"name": "Maja"}), {"message": "Hello, Maja!"})

    def test_greets_the_world_when_nobody_is_named(self):
        self.assertEqual(call(), {"message": "Hello, World!"})

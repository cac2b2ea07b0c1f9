import unittest

from main import main


class ActionTest(unittest.TestCase):
    def test_greets_whom_the_parameters_name(self):
        self.assertEqual(main({"name": "Maja"}), {"message": "Hello, Maja!"})

    def test_greets_the_world_when_nobody_is_named(self):
        self.assertEqual(main({}), {"message": "Hello, World!"})

"""Found when the package cloudevents is not installed."""


class CloudEvent(dict):
    """Attributes by name, and `data`."""

    def __init__(self, attributes, data=None):
        super().__init__(attributes)
        self.data = data

    def get_data(self):
        return self.data

    def get_attributes(self):
        return dict(self)

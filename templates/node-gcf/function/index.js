exports.hello = (req, res) => {
  const name = req.body.name ?? req.query.name ?? 'World'
  res.json({ message: `Hello, ${name}!` })
}

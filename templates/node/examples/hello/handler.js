module.exports = async (event) => `Hello, ${event.query.name ?? 'World'}!\n`

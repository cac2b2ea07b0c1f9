function main(params) {
  return { message: `Hello, ${params.name || 'World'}!` }
}

exports.main = main

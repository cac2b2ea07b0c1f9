// Installs what package.json in this folder asks for, if it asks for anything: so that a function without dependencies
// needs neither npm nor a registry. Arguments go to npm.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

const { dependencies, optionalDependencies } = existsSync('package.json')
  ? JSON.parse(readFileSync('package.json', 'utf8'))
  : {}

if (Object.keys({ ...dependencies, ...optionalDependencies }).length > 0) {
  const options = ['--omit=dev', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error']
  const { status, error } = spawnSync('npm', ['install', ...options, ...process.argv.slice(2)], { stdio: 'inherit' })
  if (error) console.error(`npm cannot be run: ${error.message}`)
  process.exitCode = status ?? 1
}

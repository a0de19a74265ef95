import process from 'node:process'

/**
 * The name servers that this machine is set up with, as `address`, `address:port` or `[address]:port`. They are read as the
 * module is loaded, which waits inside the system where one of their files is a pipe.
 */
export function systemNameServers(): readonly string[] {
  return process.getBuiltinModule('node:dns').getServers()
}

import { statSync } from 'node:fs'
import type { TrustMaterial } from '../net/trustStores.ts'
import type { Shell } from './shell.ts'

/** What Node opens as soon as it loads `node:dns`, which `Server.listen` does with a host (c-ares, ares_sysconfig_files.c). */
const ofResolver = ['/etc/resolv.conf', '/etc/nsswitch.conf', '/etc/host.conf', '/etc/netsvc.conf', '/etc/svc.conf']

/** That file of Node's own resolver which is no file: where there is one, `node:dns` is not to be loaded. */
export function pipeOfResolver(): string | undefined {
  return pipeAmong(ofResolver)
}

/** The machine's store as an empty one, where OpenSSL would wait for it; else nothing, and it is read from the platform. */
export function emptyStore(env: Shell['env']): Pick<TrustMaterial, 'machine'> {
  const file = env['SSL_CERT_FILE']
  return file === undefined || pipeAmong([file]) === undefined ? {} : { machine: [] }
}

/**
 * The first of these that is there and is no file: a pipe would be waited for inside the system, where no signal is heard,
 * and a device may never end. None is opened.
 */
export function pipeAmong(files: readonly string[]): string | undefined {
  return files.find((file) => {
    try {
      return !statSync(file).isFile()
    } catch {
      // What is not there, or not to be seen, is not opened either.
      return false
    }
  })
}

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { test } from 'node:test'
import { emptyStore, pipeAmong, pipeOfResolver } from './systemPipes.ts'

test('a pipe or device among the files of the resolver is found without being opened', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-resolver-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const at = (name: string): string => join(folder, name)
  writeFileSync(at('file'), 'nameserver 10.1.0.5\n')
  assert.equal(pipeOfResolver(), undefined)
  assert.equal(pipeAmong([at('none'), at('file'), at('file/below')]), undefined)
  assert.equal(pipeAmong([at('file'), folder]), folder)
  if (process.platform === 'win32') return
  execFileSync('mkfifo', [at('pipe')])
  assert.equal(pipeAmong([at('file'), at('pipe')]), at('pipe'))
  assert.equal(pipeAmong(['/dev/null']), '/dev/null')
  assert.deepEqual(emptyStore({ SSL_CERT_FILE: at('pipe') }), { machine: [] })
  assert.deepEqual([emptyStore({ SSL_CERT_FILE: at('file') }), emptyStore({})], [{}, {}])
})

test('what a check and a doctor load does not load the resolver by itself', () => {
  const rooms = ['./machineMeans.ts', './runCheck.ts', '../net/udpSocket.ts'].map(
    (file) => new URL(file, import.meta.url).href,
  )
  const script = `${rooms.map((href) => `await import(${JSON.stringify(href)})`).join('\n')}
const { udpSocket } = await import(${JSON.stringify(rooms[2])})
const socket = udpSocket(4)
await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve))
await new Promise((resolve) => socket.connect(9, '127.0.0.1', resolve))
socket.close()
console.log(process.moduleLoadList.filter((name) => name === 'NativeModule dns').join())`
  const said = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' })
  assert.equal(said, '\n')
})

/** Servers of SMB that know SMB 1 alone, or hang up on everybody. */
import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { askProbe } from '../../test/askProbe.ts'
import { replies } from '../../test/serviceReplies.ts'
import { tcpServer } from '../../test/tcpServer.ts'
import { createNet } from '../net/createNet.ts'

const net = createNet({ trust: { site: [], machine: [], node: [] }, userAgent: 'postern/test' })

/** What Samba 4.17 answered to SMB 1, told to speak nothing newer; its names are left out. */
const answerOfOld = Buffer.from(
  '00000045ff534d4272000000008801c8000000000000000000000000ffff0100000000001100000f32000100044100000000010033000000' +
    'fcf380802c0f0623037add0100000000000000',
  'hex',
)

/** Asks a server that does something with the first octets of each connection, and tells what was seen of it, in its order. */
async function met(
  t: TestContext,
  meet: (socket: Socket, isOld: boolean) => void,
): Promise<readonly (readonly unknown[])[]> {
  const server = await tcpServer(t, (socket) => {
    socket.once('data', (octets: Buffer) => meet(socket, octets[4] === 0xff))
  })
  const { kept } = await askProbe(net, 'smb', { ...server, name: 'dc1.corp.example' })
  return kept.flatMap((seen) =>
    seen.kind === 'service-exchange' ? [[seen.role, seen.asked, seen.outcome, seen.answer?.kind]] : [],
  )
}

test('a server that hangs up on SMB 2 is asked in the way of old, and told by its answer', async (t) => {
  const seen = await met(t, (socket, isOld) => void (isOld ? socket.write(answerOfOld) : socket.end()))
  assert.deepEqual(seen, [
    ['probe', 'smb2-negotiate', 'closed', undefined],
    ['control', 'smb1-negotiate', 'answer', 'smb-refused'],
  ])
})

test('one that hangs up on both has said nothing', async (t) => {
  assert.deepEqual(await met(t, (socket) => void socket.end()), [
    ['probe', 'smb2-negotiate', 'closed', undefined],
    ['control', 'smb1-negotiate', 'closed', undefined],
  ])
})

test('one that takes no dialect of old is no server of SMB 1', async (t) => {
  const none = Buffer.from('00000025ff534d4272000000008803c0000000000000000000000000ffff01000000000001ffff0000', 'hex')
  const seen = await met(t, (socket, isOld) => void (isOld ? socket.write(none) : socket.end()))
  assert.deepEqual(seen[1], ['control', 'smb1-negotiate', 'other-protocol', undefined])
})

test('an answer of SMB 1 to SMB 2 is an answer, and says who gives it', async (t) => {
  assert.deepEqual(await met(t, (socket) => void socket.write(answerOfOld)), [
    ['probe', 'smb2-negotiate', 'answer', 'smb-refused'],
  ])
})

test('who answers SMB 2, or ends in the middle of an answer, is asked nothing more', async (t) => {
  const cut = await met(t, (socket) => void socket.end(answerOfOld.subarray(0, 20)))
  assert.deepEqual(
    cut.map(([, asked]) => asked),
    ['smb2-negotiate'],
  )
  const seen = await met(t, (socket) => void socket.write(replies.smb(Buffer.alloc(0))))
  assert.deepEqual(seen, [['probe', 'smb2-negotiate', 'answer', 'smb']])
})

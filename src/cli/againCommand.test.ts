import assert from 'node:assert/strict'
import { test } from 'node:test'
import { againCommand } from './againCommand.ts'
import { asTyped } from './asTyped.ts'

test('the command that asks the same again has what decides what is asked, as a shell takes it', () => {
  assert.equal(againCommand([], {}), 'postern check')
  assert.equal(
    againCommand([], { site: 'my site.yaml', from: 'connect01', flow: ['a', 'b'] }),
    "postern check --site 'my site.yaml' --from connect01 --flow a,b",
  )
  assert.equal(againCommand(['tls://h'], { posture: true }), 'postern check tls://h --posture')
  assert.equal(againCommand(['tcp://h:1'], { idle: 300 }), 'postern check tcp://h:1 --idle 300')
  assert.equal(
    againCommand(['tcp://h:1'], { loss: 100, rate: 50, everyAddress: true }),
    'postern check tcp://h:1 --loss 100 --rate 50 --every-address',
  )
  assert.equal(againCommand(["https://h/?q=it's&$x"], {}), 'postern check "https://h/?q=it\'s&\\$x"')
})

test('hints name what calls the program, and nothing else changes', () => {
  const text = 'postern explain refused tells more; keep postern.yaml, and Postern check it'
  assert.equal(asTyped(text), text)
  assert.equal(
    asTyped(text, 'npm run -s postern --'),
    'npm run -s postern -- explain refused tells more; keep postern.yaml, and Postern check it',
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fitHelp } from './fitHelp.ts'

test('a help text fits the terminal, and its commands stay whole', () => {
  const help = [
    'Usage: postern check [TARGET...]',
    '',
    'Exit codes: 0 all well; 1 findings from --fail-on on; 2 could not run; 130 stopped by Ctrl-C',
    '  postern check                      the flows that this machine opens, each of them',
    '  postern check --read before.json --format html --out before.html --long',
    '  postern up                         all of it',
    '',
  ].join('\n')
  assert.equal(
    fitHelp(help, 60),
    [
      'Usage: postern check [TARGET...]',
      '',
      'Exit codes: 0 all well; 1 findings from --fail-on on; 2',
      'could not run; 130 stopped by Ctrl-C',
      '  postern check',
      '      the flows that this machine opens, each of them',
      '  postern check --read before.json --format html --out before.html --long',
      '  postern up                         all of it',
      '',
    ].join('\n'),
  )
  assert.equal(fitHelp(help, 200), help)
})

test('a paragraph of several lines is wrapped as one, and so is what stands beside a word', () => {
  const help = [
    'Exit codes: 0 all well; 1 findings from --fail-on on;',
    '2 could not run.',
    '',
    'Whom it asks:',
    '  name servers    those of this machine and of the site file',
    '                  over UDP and TCP',
    '  clocks          one',
    'Nobody else.',
  ].join('\n')
  assert.equal(
    fitHelp(help, 40),
    [
      'Exit codes: 0 all well; 1 findings from',
      '--fail-on on; 2 could not run.',
      '',
      'Whom it asks:',
      '  name servers    those of this machine',
      '                  and of the site file',
      '                  over UDP and TCP',
      '  clocks          one',
      'Nobody else.',
    ].join('\n'),
  )
  assert.equal(fitHelp(help, 60), help)
})

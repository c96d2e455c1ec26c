import { describe, expect, test } from 'vitest'

import type { Command } from '@/api/types'
import { CommandBook } from '@/commands/book'
import { bodyOf, namesFor, newKey, type CommandDraft } from '@/commands/draft'

function command(id: string, version: number, given: Partial<Command> = {}): Command {
  return {
    id,
    version,
    org: 'office-1',
    device: 'wb-1',
    name: 'locate',
    interval_s: null,
    text: null,
    purpose: '核实所在位置',
    state: 'queued',
    state_at: '2026-11-22T01:00:00Z',
    detail: '',
    requested_by: { login: 'officer-1', name: '王警官' },
    requested_at: '2026-11-22T01:00:00Z',
    approved_by: null,
    approved_at: null,
    expires_at: '2026-11-22T02:00:00Z',
    ...given,
  }
}

describe('the command book', () => {
  test('keeps the higher version, whatever comes last', () => {
    const book = new CommandBook()
    expect(book.take(command('c-1', 2, { state: 'sent' }))).toBe(true)
    expect(book.take(command('c-1', 1))).toBe(false)
    expect(book.ofDevice('wb-1').map((each) => each.state)).toEqual(['sent'])
  })

  test('lists one device, newest first', () => {
    const book = new CommandBook()
    book.take(command('c-1', 1))
    book.take(command('c-2', 1, { requested_at: '2026-11-22T01:30:00Z' }))
    book.take(command('c-3', 1, { device: 'wb-2' }))
    expect(book.ofDevice('wb-1').map((each) => each.id)).toEqual(['c-2', 'c-1'])
  })
})

describe('a command draft', () => {
  const draft: CommandDraft = { name: 'locate', interval: '60', text: '', purpose: '核实位置' }

  test.each([
    [draft, { name: 'locate', purpose: '核实位置' }],
    [
      { ...draft, name: 'set_interval', interval: '30' },
      { name: 'set_interval', purpose: '核实位置', interval_s: 30 },
    ],
    [
      { ...draft, name: 'text', text: ' 请充电 ' },
      { name: 'text', purpose: '核实位置', text: '请充电' },
    ],
    [{ ...draft, name: 'set_interval', interval: '0' }, 'needInterval'],
    [{ ...draft, name: 'set_interval', interval: '1.5' }, 'needInterval'],
    [{ ...draft, name: 'set_interval', interval: '65536' }, 'needInterval'],
    [{ ...draft, name: 'text', text: ' ' }, 'needText'],
    [{ ...draft, purpose: ' 核实 ' }, 'needPurpose'],
  ] as [CommandDraft, unknown][])('%o is sent as %o', (given, wanted) => {
    expect(bodyOf(given)).toEqual(wanted)
  })

  test('offers what stops a device to supervisors only', () => {
    expect(namesFor(false)).toEqual(['set_interval', 'locate', 'text'])
    expect(namesFor(true)).toContain('power_off')
  })

  test('has a key of its own', () => {
    expect(newKey()).toMatch(/^[0-9a-f]{32}$/)
    expect(newKey()).not.toBe(newKey())
  })
})

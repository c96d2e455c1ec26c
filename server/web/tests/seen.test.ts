import { describe, expect, it } from 'vitest'

import { type Seen, SeenBook } from '@/alerts/seen'

describe('what was seen', () => {
  it('is told once, however often it is noted', async () => {
    const told: Seen[] = []
    const book = new SeenBook((seen) => Promise.resolve(told.push(seen)))
    book.note('shown', 'e-1')
    book.note('shown', 'e-1')
    book.note('opened', 'e-1')
    expect(await book.tell()).toBe(false)
    book.note('shown', 'e-1')
    await book.tell()
    expect(told).toEqual([{ shown: ['e-1'], opened: ['e-1'] }])
  })

  it('is told again after a failure', async () => {
    let isDown = true
    const told: Seen[] = []
    const book = new SeenBook((seen) => {
      if (isDown) {
        return Promise.reject(new Error('down'))
      }
      return Promise.resolve(told.push(seen))
    })
    book.note('shown', 'e-1')
    await expect(book.tell()).rejects.toThrow('down')
    isDown = false
    await book.tell()
    expect(told).toEqual([{ shown: ['e-1'], opened: [] }])
  })

  it('goes in calls of at most 200', async () => {
    const sizes: number[] = []
    const book = new SeenBook((seen) => Promise.resolve(sizes.push(seen.shown.length)))
    for (let number = 0; number < 250; number += 1) {
      book.note('shown', `e-${number.toString()}`)
    }
    expect(await book.tell()).toBe(true)
    expect(await book.tell()).toBe(false)
    expect(sizes).toEqual([200, 50])
  })
})

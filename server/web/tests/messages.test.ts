import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

type Messages = { [key: string]: string | Messages }

function flatten(messages: Messages, prefix = ''): Map<string, string> {
  const flat = new Map<string, string>()
  for (const [key, value] of Object.entries(messages)) {
    if (typeof value === 'string') {
      flat.set(prefix + key, value)
    } else {
      flatten(value, `${prefix}${key}.`).forEach((text, name) => flat.set(name, text))
    }
  }
  return flat
}

/** Every folder may have words of its own; together they are what the console says. */
function wordsIn(language: string): Map<string, string> {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith(`/${language}.json`),
  )
  return new Map(
    files.sort().flatMap((name) => [
      ...flatten(JSON.parse(readFileSync(join('src', name), 'utf8')) as Messages),
    ]),
  )
}

const chinese = wordsIn('zh-CN')
const english = wordsIn('en')
const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(String).sort()

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(vue|ts)$/.test(name))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
}

describe('messages', () => {
  test('exist in both languages under the same keys', () => {
    expect([...english.keys()]).toEqual([...chinese.keys()])
  })

  test('have the same placeholders in both languages', () => {
    const differing = [...chinese].filter(
      ([key, text]) => placeholders(english.get(key) ?? '').join() !== placeholders(text).join(),
    )
    expect(differing).toEqual([])
  })

  test('contain no message that nothing shows', () => {
    const code = sources('src').join('\n')
    const unused = [...chinese.keys()].filter((key) => {
      const group = key.slice(0, key.lastIndexOf('.'))
      return !code.includes(key) && !code.includes(`${group}.\${`) && !code.includes(`'${group}'`)
    })
    expect(unused).toEqual([])
  })

  test('that the code names literally all exist', () => {
    const named = sources('src').flatMap((code) =>
      [...code.matchAll(/\bt\(\s*'([\w.]+)'/g)].map((match) => match[1] ?? ''),
    )
    expect(named.length).toBeGreaterThan(50)
    expect(named.filter((key) => !chinese.has(key))).toEqual([])
  })
})

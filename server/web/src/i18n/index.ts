import { computed } from 'vue'
import { createI18n } from 'vue-i18n'

import en from '@/i18n/en.json'
import zhCN from '@/i18n/zh-CN.json'

export type Locale = 'zh-CN' | 'en'

const KEY = 'guitu.locale'

function storedLocale(): Locale {
  try {
    return localStorage.getItem(KEY) === 'en' ? 'en' : 'zh-CN'
  } catch {
    // Storage may be switched off by policy; the page still works, in Chinese.
    return 'zh-CN'
  }
}

export const i18n = createI18n({
  legacy: false,
  locale: storedLocale(),
  fallbackLocale: 'zh-CN',
  messages: { 'zh-CN': zhCN, en },
})

export const locale = computed<Locale>(() => i18n.global.locale.value)

/** Change the language of the whole page and remember it in this browser. */
export function setLocale(next: Locale): void {
  i18n.global.locale.value = next
  document.documentElement.lang = next
  try {
    localStorage.setItem(KEY, next)
  } catch {
    // Not remembered; nothing else is lost.
  }
}

/** The word for an id of the wire; one that this console does not know yet is shown as it is. */
export function wordFor(group: string, id: string): string {
  const key = `${group}.${id}`
  return i18n.global.te(key) ? i18n.global.t(key) : id
}

/** Add a screen's words when the screen is loaded: no screen waits for another one's. */
export function addWords(chinese: object, english: object): void {
  i18n.global.mergeLocaleMessage('zh-CN', chinese)
  i18n.global.mergeLocaleMessage('en', english)
}

/** The one of two texts that is in the chosen language. */
export const textIn = (text: { zh: string; en: string }): string =>
  locale.value === 'en' ? text.en : text.zh

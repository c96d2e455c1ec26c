import { addWords } from '@/i18n'
import en from '@/fences/en.json'
import zhCN from '@/fences/zh-CN.json'

addWords(zhCN, en)

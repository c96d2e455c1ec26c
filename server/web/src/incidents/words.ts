import { addWords } from '@/i18n'
import en from '@/incidents/en.json'
import zhCN from '@/incidents/zh-CN.json'

addWords(zhCN, en)

import { addWords } from '@/i18n'
import en from '@/quality/en.json'
import zhCN from '@/quality/zh-CN.json'

addWords(zhCN, en)

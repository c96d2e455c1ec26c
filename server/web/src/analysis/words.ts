import zhCN from '@/analysis/zh-CN.json'
import en from '@/analysis/en.json'
import { addWords } from '@/i18n'

addWords(zhCN, en)

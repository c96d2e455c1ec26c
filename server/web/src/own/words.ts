import { addWords } from '@/i18n'
import en from '@/own/en.json'
import zhCN from '@/own/zh-CN.json'

addWords(zhCN, en)

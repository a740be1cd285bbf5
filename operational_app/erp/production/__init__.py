"""Production orders: components and labour go in, goods come out, and what is left over is a variance."""

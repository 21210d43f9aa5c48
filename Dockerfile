# The program with its packages; Postgres is a container of its own (compose.yml).
FROM node:24-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production
COPY package.json package-lock.json ./
# The private Postgres is not needed beside a server: its packages stay out.
RUN npm ci --omit=dev --omit=optional && npm cache clean --force
COPY bin bin
COPY demo demo
COPY src src
USER node
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s CMD ["node", "-e", "fetch('http://127.0.0.1:3000/healthz').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"]
ENTRYPOINT ["node", "src/main.ts"]
CMD ["start"]
